LC_ALL=C TZ=UTC lvremove -y --select lv_uuid=nosuch vg/vol.fleet_nightly_20261120T205500Z
