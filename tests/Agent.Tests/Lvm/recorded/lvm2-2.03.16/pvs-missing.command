LC_ALL=C TZ=UTC pvs --reportformat json --units b --nosuffix --config 'report{time_format="%s"} log{report_command_log=0}' -o pv_uuid,pv_name,vg_name,pv_size,pv_free,pv_missing
