LC_ALL=C TZ=UTC lvchange -ay -K vg/vol.fleet_nightly_20261120T205500Z
