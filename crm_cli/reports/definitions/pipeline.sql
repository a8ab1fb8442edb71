-- title: Pipeline by stage
-- description: Open opportunities: how many, their amounts, and the amounts weighted by probability. Currencies are never added together.
-- parameter: owner key = null | Only the opportunities of this user
-- money: amount, weighted by currency
-- subject: opportunity
-- chart: bar stage amount
SELECT
  o.stage AS stage,
  o.currency AS currency,
  COUNT(*) AS deals,
  SUM(o.amount) AS amount,
  SUM(o.amount * COALESCE(o.probability, 0)) / 100.0 AS weighted,
  SUM(CASE WHEN o.amount IS NULL THEN 1 ELSE 0 END) AS without_amount
FROM opportunity AS o
LEFT JOIN app_user AS u ON u.id = o.owner_id
WHERE o.deleted_at IS NULL
  AND o.merged_into_id IS NULL
  AND o.stage NOT IN ('won', 'lost')
  AND (CAST(:owner AS VARCHAR(255)) IS NULL OR u.username_key = :owner)
GROUP BY o.stage, o.currency
ORDER BY
  CASE o.stage WHEN 'prospecting' THEN 1 WHEN 'qualification' THEN 2 WHEN 'proposal' THEN 3 ELSE 4 END,
  COALESCE(o.currency, '')
