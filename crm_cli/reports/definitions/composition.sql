-- title: Customers by country
-- description: Living contacts and accounts by the country of their first address, and how many of them are customers.
-- chart: bar country parties
SELECT
  COALESCE(p.country, '(unknown)') AS country,
  COUNT(*) AS parties,
  SUM(CASE WHEN x.kind = 'contact' THEN 1 ELSE 0 END) AS contacts,
  SUM(CASE WHEN x.kind = 'account' THEN 1 ELSE 0 END) AS accounts,
  SUM(CASE WHEN x.status = 'customer' THEN 1 ELSE 0 END) AS customers
FROM (
  SELECT id, 'contact' AS kind, status FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL
  UNION ALL
  SELECT id, 'account' AS kind, status FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL
) AS x
LEFT JOIN postal_address AS p ON p.id = (
  SELECT MIN(q.id) FROM postal_address AS q
  WHERE q.party_id = x.id AND q.is_primary AND q.deleted_at IS NULL
)
GROUP BY COALESCE(p.country, '(unknown)')
ORDER BY COUNT(*) DESC, COALESCE(p.country, '(unknown)')
