LC_ALL=C TZ=UTC zfs list -H -p -t snapshot -o name,guid,createtxg,creation,used,referenced,userrefs,fleet:policy,fleet:run,fleet:host tank/data@fleet_nightly_20261120T205500Z tank/data@nosuch
