-- published programmes with issuer and period
with tasks as (

    select
        programme_id,
        count(*) filter (where kind = 'task') as tasks
    from {{ ref('stg_tasks') }}
    group by programme_id

)

select
    programmes.programme_id,
    programmes.jurisdiction_code,
    jurisdictions.name_zh as jurisdiction_zh,
    jurisdictions.name_en as jurisdiction_en,
    programmes.title_zh,
    programmes.title_en,
    programmes.kind,
    programmes.document_number,
    programmes.issuer_id,
    issuers.name_zh as issuer_zh,
    issuers.name_en as issuer_en,
    programmes.issued_on,
    programmes.start_year,
    programmes.end_year,
    programmes.parent_programme_id,
    coalesce(tasks.tasks, 0) as tasks,
    {{ is_fictional('programmes.jurisdiction_code') }} as fictional
from {{ ref('stg_programmes') }} as programmes
inner join {{ ref('stg_jurisdictions') }} as jurisdictions
    on programmes.jurisdiction_code = jurisdictions.jurisdiction_code
left join {{ ref('stg_organizations') }} as issuers
    on programmes.issuer_id = issuers.organization_id
left join tasks
    on programmes.programme_id = tasks.programme_id
order by programmes.programme_id
