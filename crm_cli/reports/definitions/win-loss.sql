-- title: Won and lost by owner
-- description: Closed opportunities of each user: how many were won and lost, the share won, and the amount won by currency.
-- parameter: since date = null | Only those closed since this day
-- money: won_amount by currency
-- subject: opportunity
-- chart: bar owner won
SELECT
  COALESCE(u.username, '(nobody)') AS owner,
  o.currency AS currency,
  SUM(CASE WHEN o.stage = 'won' THEN 1 ELSE 0 END) AS won,
  SUM(CASE WHEN o.stage = 'lost' THEN 1 ELSE 0 END) AS lost,
  ROUND(100.0 * SUM(CASE WHEN o.stage = 'won' THEN 1 ELSE 0 END) / COUNT(*), 1) AS won_percent,
  SUM(CASE WHEN o.stage = 'won' THEN o.amount ELSE 0 END) AS won_amount
FROM opportunity AS o
LEFT JOIN app_user AS u ON u.id = o.owner_id
WHERE o.deleted_at IS NULL
  AND o.merged_into_id IS NULL
  AND o.stage IN ('won', 'lost')
  AND (CAST(:since AS DATE) IS NULL OR o.closed_at >= CAST(:since AS DATE))
GROUP BY COALESCE(u.username, '(nobody)'), o.currency
ORDER BY COALESCE(u.username, '(nobody)'), COALESCE(o.currency, '')
