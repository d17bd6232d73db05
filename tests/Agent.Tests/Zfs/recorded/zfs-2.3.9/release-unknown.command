LC_ALL=C TZ=UTC zfs release nosuch tank/data@fleet_nightly_20261120T205500Z
