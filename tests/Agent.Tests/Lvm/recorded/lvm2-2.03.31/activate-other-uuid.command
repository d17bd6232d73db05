LC_ALL=C TZ=UTC lvchange -ay -K --select lv_uuid=nosuch vg/vol.fleet_nightly_20261120T205500Z
