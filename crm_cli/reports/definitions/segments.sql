-- title: Accounts by segment
-- description: Living accounts by industry and country of their first address: how many, how many are customers, and what was won from them. Currencies stand apart; an account counts in each that it bought in.
-- money: won by currency
-- subject: account
-- chart: bar industry accounts
WITH won AS (
  SELECT account_id, currency, SUM(amount) AS amount
  FROM opportunity
  WHERE stage = 'won' AND deleted_at IS NULL AND merged_into_id IS NULL
  GROUP BY account_id, currency
)
SELECT
  COALESCE(a.industry, '(unknown)') AS industry,
  COALESCE(p.country, '(unknown)') AS country,
  w.currency AS currency,
  COUNT(*) AS accounts,
  SUM(CASE WHEN a.status = 'customer' THEN 1 ELSE 0 END) AS customers,
  SUM(w.amount) AS won
FROM account AS a
LEFT JOIN postal_address AS p ON p.id = (
  SELECT MIN(q.id) FROM postal_address AS q
  WHERE q.party_id = a.id AND q.is_primary AND q.deleted_at IS NULL
)
LEFT JOIN won AS w ON w.account_id = a.id
WHERE a.deleted_at IS NULL AND a.merged_into_id IS NULL
GROUP BY COALESCE(a.industry, '(unknown)'), COALESCE(p.country, '(unknown)'), w.currency
ORDER BY COALESCE(a.industry, '(unknown)'), COALESCE(p.country, '(unknown)'), COALESCE(w.currency, '')
