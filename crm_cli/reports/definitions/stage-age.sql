-- title: How long deals stand in their stage
-- description: Open opportunities by stage and by when they entered it; one whose steps were never recorded counts from the day it was made.
-- parameter: recent date = today - 30 | Entered since then is recent
-- parameter: old date = today - 90 | Entered before then is old
-- subject: opportunity
-- chart: bar stage old_deals
WITH standing AS (
  SELECT
    o.id AS id,
    o.stage AS stage,
    COALESCE(
      (SELECT MAX(s.changed_at) FROM stage_change AS s
        WHERE s.opportunity_id = o.id AND s.to_stage = o.stage AND s.deleted_at IS NULL),
      o.created_at
    ) AS entered_at
  FROM opportunity AS o
  WHERE o.deleted_at IS NULL AND o.merged_into_id IS NULL AND o.stage NOT IN ('won', 'lost')
)
SELECT
  stage,
  COUNT(*) AS deals,
  SUM(CASE WHEN entered_at >= CAST(:recent AS DATE) THEN 1 ELSE 0 END) AS recent_deals,
  SUM(CASE WHEN entered_at < CAST(:recent AS DATE) AND entered_at >= CAST(:old AS DATE) THEN 1 ELSE 0 END) AS ageing_deals,
  SUM(CASE WHEN entered_at < CAST(:old AS DATE) THEN 1 ELSE 0 END) AS old_deals,
  TO_CHAR(MIN(entered_at), 'YYYY-MM-DD') AS oldest_since
FROM standing
GROUP BY stage
ORDER BY CASE stage WHEN 'prospecting' THEN 1 WHEN 'qualification' THEN 2 WHEN 'proposal' THEN 3 ELSE 4 END
