-- title: Lost customers
-- description: Accounts that bought once but not since a day, with what they bought in each currency, the latest bought last; those with an open opportunity may yet come back.
-- parameter: since date = today - 365 | Who bought since then is not lost
-- money: won_amount by currency
WITH bought AS (
  SELECT o.account_id AS account_id, MAX(o.closed_at) AS last_won_at
  FROM opportunity AS o
  WHERE o.stage = 'won' AND o.closed_at IS NOT NULL AND o.deleted_at IS NULL AND o.merged_into_id IS NULL
  GROUP BY o.account_id
)
SELECT
  a.id AS account_id,
  a.name AS account,
  TO_CHAR(b.last_won_at, 'YYYY-MM-DD') AS last_won_on,
  o.currency AS currency,
  COUNT(o.id) AS won_deals,
  SUM(o.amount) AS won_amount,
  (SELECT COUNT(*) FROM opportunity AS x
    WHERE x.account_id = a.id AND x.stage NOT IN ('won', 'lost')
      AND x.deleted_at IS NULL AND x.merged_into_id IS NULL) AS open_deals,
  u.username AS owner
FROM bought AS b
JOIN account AS a ON a.id = b.account_id AND a.deleted_at IS NULL AND a.merged_into_id IS NULL
JOIN opportunity AS o ON o.account_id = a.id AND o.stage = 'won' AND o.deleted_at IS NULL AND o.merged_into_id IS NULL
LEFT JOIN app_user AS u ON u.id = a.owner_id
WHERE b.last_won_at < CAST(:since AS DATE)
GROUP BY a.id, a.name, b.last_won_at, o.currency, u.username
ORDER BY b.last_won_at, a.id, COALESCE(o.currency, '')
