-- title: Users who recorded nothing
-- description: Working users without a single activity since a day, with the open work that they hold.
-- parameter: since date = today - 14 | First day that counts
SELECT
  u.username AS owner,
  (SELECT COUNT(*) FROM opportunity AS o
    WHERE o.owner_id = u.id AND o.deleted_at IS NULL AND o.merged_into_id IS NULL
      AND o.stage NOT IN ('won', 'lost')) AS open_opportunities,
  (SELECT COUNT(*) FROM lead AS l
    WHERE l.owner_id = u.id AND l.deleted_at IS NULL AND l.merged_into_id IS NULL
      AND l.status IN ('new', 'contacted', 'qualified')) AS open_leads
FROM app_user AS u
WHERE u.deleted_at IS NULL
  AND u.active
  AND NOT EXISTS (
    SELECT 1 FROM activity AS a
    WHERE a.owner_id = u.id AND a.deleted_at IS NULL
      AND COALESCE(a.occurred_at, a.created_at) >= CAST(:since AS DATE)
  )
ORDER BY u.username
