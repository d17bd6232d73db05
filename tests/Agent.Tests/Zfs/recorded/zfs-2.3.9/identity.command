LC_ALL=C TZ=UTC zfs get -H -p -o name,property,value,source guid,userrefs,fleet:policy,fleet:run tank/data@fleet_nightly_20261120T205500Z tank/inherits@other
