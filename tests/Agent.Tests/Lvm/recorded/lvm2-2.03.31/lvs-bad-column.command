LC_ALL=C TZ=UTC lvs --reportformat json -o lv_name,nosuch
