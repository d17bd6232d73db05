LC_ALL=C TZ=UTC vgs --reportformat json --units b --nosuffix --config 'report{time_format="%s"}' -o vg_uuid,vg_name,vg_attr,vg_size,vg_free,vg_extent_size,vg_missing_pv_count,vg_tags vg
