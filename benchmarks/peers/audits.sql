-- The shipped policies as an analyst would write them for SQLite, knowing the schema: one query a policy, which gives
-- the records looked at, and for each whether it fails (1) or not (0 or NULL). Written by hand, apart from the program.
-- A query begins with a line "-- policy: NAME" and ends before the next. :today is a day such as 2026-06-15.

-- ===== completeness =================================================================================================

-- policy: contact-unreachable
SELECT id, NOT EXISTS (SELECT 1 FROM email_address e WHERE e.party_id = c.id AND e.deleted_at IS NULL)
       AND NOT EXISTS (SELECT 1 FROM phone_number p WHERE p.party_id = c.id AND p.deleted_at IS NULL)
       AND NOT EXISTS (SELECT 1 FROM postal_address a WHERE a.party_id = c.id AND a.deleted_at IS NULL
                       AND a.street IS NOT NULL) AS fails
FROM contact c WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-without-email
SELECT id, NOT EXISTS (SELECT 1 FROM email_address e WHERE e.party_id = c.id AND e.deleted_at IS NULL) AS fails
FROM contact c WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-without-phone
SELECT id, NOT EXISTS (SELECT 1 FROM phone_number p WHERE p.party_id = c.id AND p.deleted_at IS NULL) AS fails
FROM contact c WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-without-family-name
SELECT id, coalesce(family_name, '') = '' AS fails FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-without-country
SELECT c.id, NOT EXISTS (SELECT 1 FROM postal_address o WHERE o.party_id = c.id AND o.deleted_at IS NULL
                         AND o.country IS NOT NULL) AS fails
FROM contact c JOIN postal_address a ON a.party_id = c.id AND a.is_primary AND a.deleted_at IS NULL
WHERE c.deleted_at IS NULL AND c.merged_into_id IS NULL AND (a.city IS NOT NULL OR a.postal_code IS NOT NULL)

-- policy: contact-without-owner
SELECT id, owner_id IS NULL AS fails FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: account-without-address
SELECT id, NOT EXISTS (SELECT 1 FROM postal_address a WHERE a.party_id = account.id AND a.deleted_at IS NULL
                       AND (a.city IS NOT NULL OR a.postal_code IS NOT NULL)) AS fails
FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: account-without-industry
SELECT id, coalesce(industry, '') = '' AS fails
FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL AND kind = 'company'

-- policy: account-without-people
SELECT id, NOT EXISTS (SELECT 1 FROM contact c WHERE c.account_id = account.id AND c.deleted_at IS NULL
                       AND c.merged_into_id IS NULL) AS fails
FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL AND kind = 'company' AND status = 'customer'

-- policy: account-without-owner
SELECT id, owner_id IS NULL AS fails FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: lead-unreachable
SELECT id, coalesce(email, '') = '' AND coalesce(phone, '') = '' AND coalesce(mobile, '') = '' AS fails
FROM lead WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status NOT IN ('disqualified', 'converted')

-- policy: lead-without-owner
SELECT id, owner_id IS NULL AS fails
FROM lead WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status NOT IN ('disqualified', 'converted')

-- policy: lead-without-source
SELECT id, coalesce(source, '') = '' AS fails FROM lead WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: opportunity-without-owner
SELECT id, owner_id IS NULL AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND stage NOT IN ('won', 'lost')

-- policy: opportunity-without-customer
SELECT id, account_id IS NULL AND contact_id IS NULL AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: opportunity-without-amount
SELECT id, amount IS NULL AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND stage IN ('proposal', 'negotiation', 'won')

-- policy: opportunity-without-close-date
SELECT id, expected_close_on IS NULL AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND stage NOT IN ('won', 'lost')

-- policy: opportunity-lost-without-reason
SELECT id, coalesce(lost_reason, '') = '' AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND stage = 'lost'

-- policy: territory-without-members
SELECT id, NOT EXISTS (SELECT 1 FROM territory_member m WHERE m.territory_id = territory.id AND m.deleted_at IS NULL)
       AS fails
FROM territory WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- ===== consistency ==================================================================================================

-- policy: opportunity-past-close-date
SELECT id, expected_close_on < :today AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND stage NOT IN ('won', 'lost')

-- policy: opportunity-closed-without-date
SELECT id, closed_at IS NULL AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND stage IN ('won', 'lost')

-- policy: opportunity-open-but-closed
SELECT id, closed_at IS NOT NULL AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND stage NOT IN ('won', 'lost')

-- policy: opportunity-probability-against-stage
SELECT id, stage = 'won' AND probability < 100 OR stage = 'lost' AND probability > 0 AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: opportunity-amount-without-currency
SELECT id, currency IS NULL AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND amount IS NOT NULL

-- policy: account-revenue-without-currency
SELECT id, currency IS NULL AS fails
FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL AND annual_revenue IS NOT NULL

-- policy: account-own-parent
SELECT id, parent_id = id AS fails FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-reports-to-itself
SELECT id, reports_to_id = id AS fails FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-of-deleted-account
SELECT c.id, a.deleted_at IS NOT NULL AS fails
FROM contact c JOIN account a ON a.id = c.account_id WHERE c.deleted_at IS NULL AND c.merged_into_id IS NULL

-- policy: opportunity-of-deleted-account
SELECT o.id, a.deleted_at IS NOT NULL AS fails FROM opportunity o JOIN account a ON a.id = o.account_id
WHERE o.deleted_at IS NULL AND o.merged_into_id IS NULL AND o.stage NOT IN ('won', 'lost')

-- policy: lead-converted-to-nothing
SELECT id, converted_contact_id IS NULL AND converted_account_id IS NULL AS fails
FROM lead WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status = 'converted'

-- policy: activity-done-without-time
SELECT id, occurred_at IS NULL AS fails
FROM activity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status = 'done'

-- policy: activity-done-in-future
SELECT id, occurred_at > date(:today, '+1 day') || ' 00:00:00.000000' AS fails
FROM activity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status = 'done'

-- policy: account-owner-has-left
SELECT id, owner_id IN (SELECT u.id FROM app_user u WHERE NOT u.active) AS fails
FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-owner-has-left
SELECT id, owner_id IN (SELECT u.id FROM app_user u WHERE NOT u.active) AS fails
FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: lead-owner-has-left
SELECT id, owner_id IN (SELECT u.id FROM app_user u WHERE NOT u.active) AS fails
FROM lead WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status NOT IN ('disqualified', 'converted')

-- policy: opportunity-owner-has-left
SELECT id, owner_id IN (SELECT u.id FROM app_user u WHERE NOT u.active) AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND stage NOT IN ('won', 'lost')

-- ===== freshness: stale when last confirmed too long ago (or never, and made too long ago), or last found dead ======

-- policy: contact-stale-email
WITH known AS (
  SELECT record_id, max(confirmed_at) FILTER (WHERE result = 'valid') AS valid_at,
         max(confirmed_at) FILTER (WHERE result = 'dead') AS dead_at,
         max(confirmed_at) FILTER (WHERE result = 'unknown') AS unknown_at
  FROM confirmation
  WHERE entity = 'contact' AND (freshness_group = 'email' OR freshness_group = '*' AND batch_id IN (
    SELECT b.id FROM import_batch b, json_each(b.groups) g WHERE g.value = 'email'))
  GROUP BY record_id)
SELECT c.id, coalesce(valid_at, created_at) < date(:today, '-365 days') || ' 00:00:00.000000'
       OR dead_at >= coalesce(valid_at, created_at) AND dead_at >= coalesce(unknown_at, dead_at) AS fails
FROM contact c LEFT JOIN known ON known.record_id = c.id
WHERE c.deleted_at IS NULL AND c.merged_into_id IS NULL
  AND EXISTS (SELECT 1 FROM email_address e WHERE e.party_id = c.id AND e.deleted_at IS NULL)

-- policy: contact-stale-phone
WITH known AS (
  SELECT record_id, max(confirmed_at) FILTER (WHERE result = 'valid') AS valid_at,
         max(confirmed_at) FILTER (WHERE result = 'dead') AS dead_at,
         max(confirmed_at) FILTER (WHERE result = 'unknown') AS unknown_at
  FROM confirmation
  WHERE entity = 'contact' AND (freshness_group = 'phone' OR freshness_group = '*' AND batch_id IN (
    SELECT b.id FROM import_batch b, json_each(b.groups) g WHERE g.value = 'phone'))
  GROUP BY record_id)
SELECT c.id, coalesce(valid_at, created_at) < date(:today, '-365 days') || ' 00:00:00.000000'
       OR dead_at >= coalesce(valid_at, created_at) AND dead_at >= coalesce(unknown_at, dead_at) AS fails
FROM contact c LEFT JOIN known ON known.record_id = c.id
WHERE c.deleted_at IS NULL AND c.merged_into_id IS NULL
  AND EXISTS (SELECT 1 FROM phone_number p WHERE p.party_id = c.id AND p.deleted_at IS NULL)

-- policy: contact-stale-address
WITH known AS (
  SELECT record_id, max(confirmed_at) FILTER (WHERE result = 'valid') AS valid_at,
         max(confirmed_at) FILTER (WHERE result = 'dead') AS dead_at,
         max(confirmed_at) FILTER (WHERE result = 'unknown') AS unknown_at
  FROM confirmation
  WHERE entity = 'contact' AND (freshness_group = 'address' OR freshness_group = '*' AND batch_id IN (
    SELECT b.id FROM import_batch b, json_each(b.groups) g WHERE g.value = 'address'))
  GROUP BY record_id)
SELECT c.id, coalesce(valid_at, created_at) < date(:today, '-365 days') || ' 00:00:00.000000'
       OR dead_at >= coalesce(valid_at, created_at) AND dead_at >= coalesce(unknown_at, dead_at) AS fails
FROM contact c LEFT JOIN known ON known.record_id = c.id
WHERE c.deleted_at IS NULL AND c.merged_into_id IS NULL
  AND EXISTS (SELECT 1 FROM postal_address a WHERE a.party_id = c.id AND a.deleted_at IS NULL)

-- policy: contact-stale-employment
WITH known AS (
  SELECT record_id, max(confirmed_at) FILTER (WHERE result = 'valid') AS valid_at,
         max(confirmed_at) FILTER (WHERE result = 'dead') AS dead_at,
         max(confirmed_at) FILTER (WHERE result = 'unknown') AS unknown_at
  FROM confirmation
  WHERE entity = 'contact' AND (freshness_group = 'employment' OR freshness_group = '*' AND batch_id IN (
    SELECT b.id FROM import_batch b, json_each(b.groups) g WHERE g.value = 'employment'))
  GROUP BY record_id)
SELECT c.id, coalesce(valid_at, created_at) < date(:today, '-365 days') || ' 00:00:00.000000'
       OR dead_at >= coalesce(valid_at, created_at) AND dead_at >= coalesce(unknown_at, dead_at) AS fails
FROM contact c LEFT JOIN known ON known.record_id = c.id
WHERE c.deleted_at IS NULL AND c.merged_into_id IS NULL
  AND (company IS NOT NULL OR job_title IS NOT NULL OR department IS NOT NULL)

-- policy: account-stale-phone
WITH known AS (
  SELECT record_id, max(confirmed_at) FILTER (WHERE result = 'valid') AS valid_at,
         max(confirmed_at) FILTER (WHERE result = 'dead') AS dead_at,
         max(confirmed_at) FILTER (WHERE result = 'unknown') AS unknown_at
  FROM confirmation
  WHERE entity = 'account' AND (freshness_group = 'phone' OR freshness_group = '*' AND batch_id IN (
    SELECT b.id FROM import_batch b, json_each(b.groups) g WHERE g.value = 'phone'))
  GROUP BY record_id)
SELECT a.id, coalesce(valid_at, created_at) < date(:today, '-365 days') || ' 00:00:00.000000'
       OR dead_at >= coalesce(valid_at, created_at) AND dead_at >= coalesce(unknown_at, dead_at) AS fails
FROM account a LEFT JOIN known ON known.record_id = a.id
WHERE a.deleted_at IS NULL AND a.merged_into_id IS NULL
  AND EXISTS (SELECT 1 FROM phone_number p WHERE p.party_id = a.id AND p.deleted_at IS NULL)

-- policy: account-stale-address
WITH known AS (
  SELECT record_id, max(confirmed_at) FILTER (WHERE result = 'valid') AS valid_at,
         max(confirmed_at) FILTER (WHERE result = 'dead') AS dead_at,
         max(confirmed_at) FILTER (WHERE result = 'unknown') AS unknown_at
  FROM confirmation
  WHERE entity = 'account' AND (freshness_group = 'address' OR freshness_group = '*' AND batch_id IN (
    SELECT b.id FROM import_batch b, json_each(b.groups) g WHERE g.value = 'address'))
  GROUP BY record_id)
SELECT a.id, coalesce(valid_at, created_at) < date(:today, '-365 days') || ' 00:00:00.000000'
       OR dead_at >= coalesce(valid_at, created_at) AND dead_at >= coalesce(unknown_at, dead_at) AS fails
FROM account a LEFT JOIN known ON known.record_id = a.id
WHERE a.deleted_at IS NULL AND a.merged_into_id IS NULL
  AND EXISTS (SELECT 1 FROM postal_address p WHERE p.party_id = a.id AND p.deleted_at IS NULL)

-- policy: account-stale-firmographics
WITH known AS (
  SELECT record_id, max(confirmed_at) FILTER (WHERE result = 'valid') AS valid_at,
         max(confirmed_at) FILTER (WHERE result = 'dead') AS dead_at,
         max(confirmed_at) FILTER (WHERE result = 'unknown') AS unknown_at
  FROM confirmation
  WHERE entity = 'account' AND (freshness_group = 'firmographics' OR freshness_group = '*' AND batch_id IN (
    SELECT b.id FROM import_batch b, json_each(b.groups) g WHERE g.value = 'firmographics'))
  GROUP BY record_id)
SELECT a.id, coalesce(valid_at, created_at) < date(:today, '-730 days') || ' 00:00:00.000000'
       OR dead_at >= coalesce(valid_at, created_at) AND dead_at >= coalesce(unknown_at, dead_at) AS fails
FROM account a LEFT JOIN known ON known.record_id = a.id
WHERE a.deleted_at IS NULL AND a.merged_into_id IS NULL
  AND (industry IS NOT NULL OR employees IS NOT NULL OR annual_revenue IS NOT NULL OR website IS NOT NULL
       OR legal_form IS NOT NULL)

-- policy: lead-stale
WITH known AS (
  SELECT record_id, max(confirmed_at) FILTER (WHERE result = 'valid') AS valid_at,
         max(confirmed_at) FILTER (WHERE result = 'dead') AS dead_at,
         max(confirmed_at) FILTER (WHERE result = 'unknown') AS unknown_at
  FROM confirmation
  WHERE entity = 'lead' AND (freshness_group = 'email' OR freshness_group = '*' AND batch_id IN (
    SELECT b.id FROM import_batch b, json_each(b.groups) g WHERE g.value = 'email'))
  GROUP BY record_id)
SELECT l.id, coalesce(valid_at, created_at) < date(:today, '-180 days') || ' 00:00:00.000000'
       OR dead_at >= coalesce(valid_at, created_at) AND dead_at >= coalesce(unknown_at, dead_at) AS fails
FROM lead l LEFT JOIN known ON known.record_id = l.id
WHERE l.deleted_at IS NULL AND l.merged_into_id IS NULL AND l.status NOT IN ('disqualified', 'converted')
  AND email IS NOT NULL

-- ===== working rules ================================================================================================

-- policy: opportunity-silent
SELECT id, NOT EXISTS (SELECT 1 FROM activity a WHERE a.opportunity_id = o.id AND a.status = 'done'
                       AND a.occurred_at >= date(:today, '-30 days') AND a.deleted_at IS NULL
                       AND a.merged_into_id IS NULL) AS fails
FROM opportunity o WHERE deleted_at IS NULL AND merged_into_id IS NULL AND stage NOT IN ('won', 'lost')
  AND created_at < date(:today, '-30 days')

-- policy: lead-silent
SELECT id, NOT EXISTS (SELECT 1 FROM activity a WHERE a.lead_id = l.id AND a.status = 'done'
                       AND a.occurred_at >= date(:today, '-30 days') AND a.deleted_at IS NULL
                       AND a.merged_into_id IS NULL) AS fails
FROM lead l WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status NOT IN ('disqualified', 'converted')
  AND created_at < date(:today, '-30 days')

-- policy: lead-unverified
SELECT id, created_at < date(:today, '-14 days') AS fails
FROM lead WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status = 'new'

-- policy: representative-silent
SELECT id, NOT EXISTS (SELECT 1 FROM activity a WHERE a.owner_id = u.id AND a.status = 'done'
                       AND a.occurred_at >= date(:today, '-14 days') AND a.deleted_at IS NULL
                       AND a.merged_into_id IS NULL) AS fails
FROM app_user u WHERE deleted_at IS NULL AND merged_into_id IS NULL AND active AND role = 'sales'
  AND created_at < date(:today, '-14 days')

-- policy: class-a-customer-neglected
SELECT id, NOT EXISTS (SELECT 1 FROM activity v WHERE v.party_id = a.id AND v.status = 'done'
                       AND v.occurred_at >= date(:today, '-30 days') AND v.deleted_at IS NULL
                       AND v.merged_into_id IS NULL) AS fails
FROM account a WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status = 'customer' AND rating_key = 'a'
  AND created_at < date(:today, '-30 days')

-- policy: class-b-customer-neglected
SELECT id, NOT EXISTS (SELECT 1 FROM activity v WHERE v.party_id = a.id AND v.status = 'done'
                       AND v.occurred_at >= date(:today, '-90 days') AND v.deleted_at IS NULL
                       AND v.merged_into_id IS NULL) AS fails
FROM account a WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status = 'customer' AND rating_key = 'b'
  AND created_at < date(:today, '-90 days')

-- policy: class-c-customer-neglected
SELECT id, NOT EXISTS (SELECT 1 FROM activity v WHERE v.party_id = a.id AND v.status = 'done'
                       AND v.occurred_at >= date(:today, '-365 days') AND v.deleted_at IS NULL
                       AND v.merged_into_id IS NULL) AS fails
FROM account a WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status = 'customer' AND rating_key = 'c'
  AND created_at < date(:today, '-365 days')

-- policy: web-enquiry-unanswered
SELECT id, NOT EXISTS (SELECT 1 FROM activity a WHERE a.lead_id = l.id AND a.status = 'done'
                       AND a.deleted_at IS NULL AND a.merged_into_id IS NULL) AS fails
FROM lead l WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status = 'new' AND source LIKE '%web%'
  AND created_at < date(:today, '-2 days')

-- policy: lead-qualified-unconverted
SELECT id, updated_at < date(:today, '-60 days') AS fails
FROM lead WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status = 'qualified'

-- policy: opportunity-without-next-step
SELECT id, NOT EXISTS (SELECT 1 FROM activity a WHERE a.opportunity_id = o.id AND a.status = 'planned'
                       AND a.deleted_at IS NULL AND a.merged_into_id IS NULL) AS fails
FROM opportunity o WHERE deleted_at IS NULL AND merged_into_id IS NULL AND stage NOT IN ('won', 'lost')
  AND next_step IS NULL

-- policy: opportunity-stuck
SELECT id, NOT EXISTS (SELECT 1 FROM stage_change s WHERE s.opportunity_id = o.id AND s.deleted_at IS NULL
                       AND s.changed_at >= date(:today, '-90 days')) AS fails
FROM opportunity o WHERE deleted_at IS NULL AND merged_into_id IS NULL AND stage NOT IN ('won', 'lost')
  AND created_at < date(:today, '-90 days')

-- policy: representative-without-plan
SELECT id, NOT EXISTS (SELECT 1 FROM activity a WHERE a.owner_id = u.id AND a.status = 'planned'
                       AND a.due_at >= :today AND a.due_at < date(:today, '+30 days') AND a.deleted_at IS NULL
                       AND a.merged_into_id IS NULL) AS fails
FROM app_user u WHERE deleted_at IS NULL AND merged_into_id IS NULL AND active AND role = 'sales'

-- policy: activity-overdue
SELECT id, due_at < date(:today, '-7 days') AS fails
FROM activity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status = 'planned'

-- policy: activity-of-nobody
SELECT id, owner_id IS NULL AS fails
FROM activity WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status = 'planned'

-- policy: leaver-owns-work
SELECT id, EXISTS (SELECT 1 FROM activity a WHERE a.owner_id = u.id AND a.status = 'planned'
                   AND a.deleted_at IS NULL AND a.merged_into_id IS NULL) AS fails
FROM app_user u WHERE deleted_at IS NULL AND merged_into_id IS NULL AND NOT active

-- policy: leaver-in-territory
SELECT id, EXISTS (SELECT 1 FROM territory_member m WHERE m.user_id = u.id AND m.deleted_at IS NULL) AS fails
FROM app_user u WHERE deleted_at IS NULL AND merged_into_id IS NULL AND NOT active

-- policy: leaver-manages
SELECT id, EXISTS (SELECT 1 FROM app_user o WHERE o.manager_id = u.id AND o.active AND o.deleted_at IS NULL
                   AND o.merged_into_id IS NULL) AS fails
FROM app_user u WHERE deleted_at IS NULL AND merged_into_id IS NULL AND NOT active

-- ===== uniqueness ===================================================================================================

-- policy: contact-shared-email
WITH mail AS (
  SELECT e.party_id, e.standard_key AS mail FROM email_address e JOIN contact c ON c.id = e.party_id
  WHERE e.deleted_at IS NULL AND c.deleted_at IS NULL AND c.merged_into_id IS NULL AND e.standard_key <> ''),
shared AS (SELECT mail FROM mail GROUP BY mail HAVING min(party_id) < max(party_id))
SELECT id, id IN (SELECT party_id FROM mail WHERE mail IN (SELECT mail FROM shared)) AS fails
FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-shared-mobile
WITH mobile AS (
  SELECT p.party_id, p.standard AS number FROM phone_number p JOIN contact c ON c.id = p.party_id
  WHERE p.kind = 'mobile' AND p.deleted_at IS NULL AND c.deleted_at IS NULL AND c.merged_into_id IS NULL
    AND p.standard <> ''),
shared AS (SELECT number FROM mobile GROUP BY number HAVING min(party_id) < max(party_id))
SELECT id, id IN (SELECT party_id FROM mobile WHERE number IN (SELECT number FROM shared)) AS fails
FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-same-person
WITH person AS (
  SELECT id, given_name_key AS given, family_name_key AS family, birth_date AS born FROM contact
  WHERE deleted_at IS NULL AND merged_into_id IS NULL AND given_name_key <> '' AND family_name_key <> ''
    AND birth_date IS NOT NULL),
shared AS (SELECT given, family, born FROM person GROUP BY 1, 2, 3 HAVING count(*) > 1)
SELECT id, id IN (SELECT person.id FROM person JOIN shared USING (given, family, born)) AS fails
FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: account-same-name-and-postal-code
WITH placed AS (
  SELECT a.id, a.name_key AS name, p.postal_code AS code
  FROM account a JOIN postal_address p ON p.party_id = a.id AND p.is_primary AND p.deleted_at IS NULL
  WHERE a.deleted_at IS NULL AND a.merged_into_id IS NULL AND a.name_key <> '' AND p.postal_code <> ''),
shared AS (SELECT name, code FROM placed GROUP BY 1, 2 HAVING count(*) > 1)
SELECT id, id IN (SELECT placed.id FROM placed JOIN shared USING (name, code)) AS fails
FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: account-same-tax-id
SELECT id, tax_id_key IN (SELECT tax_id_key FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL
                          AND tax_id_key <> '' GROUP BY 1 HAVING count(*) > 1) AS fails
FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: account-same-website
SELECT id, website IN (SELECT website FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL
                       AND website <> '' GROUP BY 1 HAVING count(*) > 1) AS fails
FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: lead-shared-email
WITH open AS (
  SELECT id, email_key FROM lead
  WHERE deleted_at IS NULL AND merged_into_id IS NULL AND status NOT IN ('disqualified', 'converted'))
SELECT id, email_key IN (SELECT email_key FROM open WHERE email_key <> '' GROUP BY 1 HAVING count(*) > 1) AS fails
FROM open

-- policy: user-shared-email
WITH active AS (SELECT id, email_key FROM app_user WHERE deleted_at IS NULL AND merged_into_id IS NULL AND active)
SELECT id, email_key IN (SELECT email_key FROM active WHERE email_key <> '' GROUP BY 1 HAVING count(*) > 1) AS fails
FROM active

-- ===== validity =====================================================================================================

-- policy: contact-wrong-email
SELECT id, EXISTS (SELECT 1 FROM email_address e WHERE e.party_id = c.id AND e.deleted_at IS NULL
                   AND (e.standing IN ('wrong', 'bounced') OR e.standard NOT LIKE '%_@_%._%')) AS fails
FROM contact c WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: account-wrong-email
SELECT id, EXISTS (SELECT 1 FROM email_address e WHERE e.party_id = a.id AND e.deleted_at IS NULL
                   AND (e.standing IN ('wrong', 'bounced') OR e.standard NOT LIKE '%_@_%._%')) AS fails
FROM account a WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-wrong-phone
SELECT id, EXISTS (SELECT 1 FROM phone_number p WHERE p.party_id = c.id AND p.deleted_at IS NULL
                   AND (p.standing = 'wrong' OR p.standard NOT LIKE '+%')) AS fails
FROM contact c WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: account-wrong-phone
SELECT id, EXISTS (SELECT 1 FROM phone_number p WHERE p.party_id = a.id AND p.deleted_at IS NULL
                   AND (p.standing = 'wrong' OR p.standard NOT LIKE '+%')) AS fails
FROM account a WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-wrong-country
SELECT id, EXISTS (SELECT 1 FROM postal_address p WHERE p.party_id = c.id AND p.deleted_at IS NULL
                   AND length(p.country) <> 2) AS fails
FROM contact c WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: account-wrong-country
SELECT id, EXISTS (SELECT 1 FROM postal_address p WHERE p.party_id = a.id AND p.deleted_at IS NULL
                   AND length(p.country) <> 2) AS fails
FROM account a WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-wrong-postal-code
SELECT id, EXISTS (SELECT 1 FROM postal_address p WHERE p.party_id = c.id AND p.deleted_at IS NULL
                   AND p.country = 'US' AND length(p.postal_code) NOT IN (5, 10)) AS fails
FROM contact c WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: lead-wrong-email
SELECT id, email NOT LIKE '%_@_%._%' AS fails
FROM lead WHERE deleted_at IS NULL AND merged_into_id IS NULL AND email IS NOT NULL

-- policy: contact-placeholder-name
SELECT id, family_name_key IN ('test', 'unknown', 'none', 'n/a', 'na', 'x', 'xx', 'xxx', 'asdf', 'dummy', 'tbd', '-', '.')
       OR given_name_key IN ('test', 'unknown', 'n/a', 'xxx', 'asdf', 'dummy') AS fails
FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: account-placeholder-name
SELECT id, name_key IN ('test', 'unknown', 'none', 'n/a', 'na', 'x', 'xx', 'xxx', 'asdf', 'dummy', 'tbd', '-', '.',
                        'private', 'self') AS fails
FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: contact-implausible-birth-date
SELECT id, birth_date > :today OR birth_date < date(:today, '-120 years') AS fails
FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL AND birth_date IS NOT NULL

-- policy: account-founded-in-future
SELECT id, founded_on > :today AS fails FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: account-negative-figures
SELECT id, employees < 0 OR annual_revenue < 0 AS fails
FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: opportunity-negative-amount
SELECT id, amount < 0 AS fails FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: opportunity-impossible-probability
SELECT id, probability < 0 OR probability > 100 AS fails
FROM opportunity WHERE deleted_at IS NULL AND merged_into_id IS NULL

-- policy: activity-impossible-length
SELECT id, minutes < 0 OR minutes > 1440 AS fails
FROM activity WHERE deleted_at IS NULL AND merged_into_id IS NULL
