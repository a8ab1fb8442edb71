-- title: Territories
-- description: Each territory with its own accounts and deals, not those of its parts: open amount, the same weighted by probability, and what was won since a day. Each currency by itself.
-- parameter: since date = today - 365 | First day that counts for what was won
-- money: open_amount, weighted, won_amount by currency
-- subject: opportunity
-- chart: bar territory won_amount
WITH held AS (
  SELECT territory_id, COUNT(*) AS accounts
  FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL GROUP BY territory_id
),
deals AS (
  SELECT o.territory_id AS territory_id, o.currency AS currency,
    SUM(CASE WHEN o.stage NOT IN ('won', 'lost') THEN 1 ELSE 0 END) AS open_deals,
    SUM(CASE WHEN o.stage NOT IN ('won', 'lost') THEN o.amount ELSE 0 END) AS open_amount,
    SUM(CASE WHEN o.stage NOT IN ('won', 'lost') THEN o.amount * COALESCE(o.probability, 0) / 100.0 ELSE 0 END) AS weighted,
    SUM(CASE WHEN o.stage = 'won' AND o.closed_at >= CAST(:since AS DATE) THEN 1 ELSE 0 END) AS won,
    SUM(CASE WHEN o.stage = 'lost' AND o.closed_at >= CAST(:since AS DATE) THEN 1 ELSE 0 END) AS lost,
    SUM(CASE WHEN o.stage = 'won' AND o.closed_at >= CAST(:since AS DATE) THEN o.amount ELSE 0 END) AS won_amount
  FROM opportunity AS o
  WHERE o.deleted_at IS NULL AND o.merged_into_id IS NULL
  GROUP BY o.territory_id, o.currency
)
SELECT
  t.name AS territory,
  d.currency AS currency,
  COALESCE(h.accounts, 0) AS accounts,
  COALESCE(d.open_deals, 0) AS open_deals,
  d.open_amount AS open_amount,
  d.weighted AS weighted,
  COALESCE(d.won, 0) AS won,
  CASE WHEN d.won + d.lost > 0 THEN ROUND(100.0 * d.won / (d.won + d.lost), 1) END AS won_percent,
  d.won_amount AS won_amount
FROM territory AS t
LEFT JOIN held AS h ON h.territory_id = t.id
LEFT JOIN deals AS d ON d.territory_id = t.id
WHERE t.deleted_at IS NULL
ORDER BY t.name, COALESCE(d.currency, '')
