-- title: ABC of customers
-- description: Accounts by what they bought (won opportunities): A up to 75 % of the total, B up to 95 %, C the rest; each currency by itself.
-- parameter: since date = null | Only what was closed since this day
-- money: amount by currency
-- subject: opportunity
-- chart: bar account amount
WITH bought AS (
  SELECT a.name AS account, a.id AS account_id, o.currency AS currency, SUM(o.amount) AS amount
  FROM opportunity AS o
  JOIN account AS a ON a.id = o.account_id
  WHERE o.stage = 'won' AND o.amount > 0 AND o.deleted_at IS NULL AND o.merged_into_id IS NULL
    AND (CAST(:since AS DATE) IS NULL OR o.closed_at >= CAST(:since AS DATE))
  GROUP BY a.name, a.id, o.currency
),
ranked AS (
  SELECT account, currency, amount,
    SUM(amount) OVER (PARTITION BY currency ORDER BY amount DESC, account_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running,
    SUM(amount) OVER (PARTITION BY currency) AS total,
    account_id
  FROM bought
)
SELECT
  account,
  currency,
  amount,
  ROUND(100.0 * running / total, 1) AS running_percent,
  CASE
    WHEN 100.0 * (running - amount) < 75.0 * total THEN 'A'
    WHEN 100.0 * (running - amount) < 95.0 * total THEN 'B'
    ELSE 'C'
  END AS class
FROM ranked
ORDER BY COALESCE(currency, ''), amount DESC, account_id
