-- title: Activities by owner
-- description: What each user recorded since a day, by kind; users who recorded nothing stand with zeros.
-- parameter: since date = today - 30 | First day that counts
-- chart: bar owner activities
SELECT
  u.username AS owner,
  COUNT(a.id) AS activities,
  SUM(CASE WHEN a.kind = 'call' THEN 1 ELSE 0 END) AS calls,
  SUM(CASE WHEN a.kind = 'meeting' THEN 1 ELSE 0 END) AS meetings,
  SUM(CASE WHEN a.kind = 'visit' THEN 1 ELSE 0 END) AS visits,
  SUM(CASE WHEN a.kind = 'email' THEN 1 ELSE 0 END) AS emails
FROM app_user AS u
LEFT JOIN activity AS a
  ON a.owner_id = u.id
  AND a.deleted_at IS NULL
  AND COALESCE(a.occurred_at, a.created_at) >= CAST(:since AS DATE)
WHERE u.deleted_at IS NULL AND u.active
GROUP BY u.username
ORDER BY u.username
