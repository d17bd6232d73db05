LC_ALL=C TZ=UTC lvchange -ay -K --select lv_uuid=wnGTHv-MzWA-3Tax-HbIj-YRRe-ijJZ-7FCb4b vg/vol.fleet_nightly_20261120T205500Z
