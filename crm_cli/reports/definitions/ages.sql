-- title: Contacts by age
-- description: Living contacts by their age on the day of the report, in bands of ten years; those without a date of birth stand by themselves.
-- subject: contact
-- chart: bar age contacts
WITH aged AS (
  SELECT
    c.id AS id,
    c.status AS status,
    CAST(TO_CHAR(CAST(:today AS DATE), 'YYYYMMDD') AS INTEGER) - CAST(TO_CHAR(c.birth_date, 'YYYYMMDD') AS INTEGER) AS age
  FROM contact AS c
  WHERE c.deleted_at IS NULL AND c.merged_into_id IS NULL
),
banded AS (
  SELECT status,
    CASE
      WHEN age IS NULL THEN '(unknown)'
      WHEN age < 0 THEN '(not born)'
      WHEN age < 180000 THEN 'under 18'
      WHEN age < 300000 THEN '18-29'
      WHEN age < 400000 THEN '30-39'
      WHEN age < 500000 THEN '40-49'
      WHEN age < 600000 THEN '50-59'
      WHEN age < 700000 THEN '60-69'
      ELSE '70 and over'
    END AS age,
    CASE WHEN age IS NULL THEN 999 WHEN age < 0 THEN -1 ELSE age END AS years
  FROM aged
)
SELECT
  age,
  COUNT(*) AS contacts,
  SUM(CASE WHEN status = 'customer' THEN 1 ELSE 0 END) AS customers
FROM banded
GROUP BY age
ORDER BY CASE age WHEN '(not born)' THEN 0 WHEN 'under 18' THEN 1 WHEN '(unknown)' THEN 3 ELSE 2 END, age
