select
    jurisdiction_code,
    printed_name,
    organization_id,
    resolution,
    evidence,
    _file,
    _line
from {{ source('curated', 'organization_names') }}
