LC_ALL=C TZ=UTC lvremove -y --select lv_uuid=nosuch
