LC_ALL=C TZ=UTC lvchange -an vg/vol.fleet_nightly_20261120T205500Z
