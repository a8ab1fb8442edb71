-- title: New customers by month
-- description: Accounts (or persons without one) by the month in which they bought for the first time: the closing of their first won opportunity, in UTC.
-- parameter: since date = today - 365 | First day that counts
-- chart: bar month customers
WITH first_won AS (
  SELECT
    COALESCE(o.account_id, c.account_id, o.contact_id) AS party_id,
    MIN(o.closed_at) AS won_at
  FROM opportunity AS o
  LEFT JOIN contact AS c ON c.id = o.contact_id
  WHERE o.stage = 'won' AND o.closed_at IS NOT NULL AND o.deleted_at IS NULL AND o.merged_into_id IS NULL
  GROUP BY COALESCE(o.account_id, c.account_id, o.contact_id)
)
SELECT
  TO_CHAR(f.won_at, 'YYYY-MM') AS month,
  COUNT(*) AS customers,
  SUM(CASE WHEN p.kind = 'account' THEN 1 ELSE 0 END) AS accounts,
  SUM(CASE WHEN p.kind = 'contact' THEN 1 ELSE 0 END) AS persons
FROM first_won AS f
JOIN party AS p ON p.id = f.party_id
WHERE f.won_at >= CAST(:since AS DATE)
GROUP BY TO_CHAR(f.won_at, 'YYYY-MM')
ORDER BY TO_CHAR(f.won_at, 'YYYY-MM')
