LC_ALL=C TZ=UTC zfs holds -H -p tank/data@fleet_nightly_20261120T205500Z
