LC_ALL=C TZ=UTC zfs list -H -p -t filesystem,volume -o name,guid,origin,snapshots_changed tank/empty tank/many tank/clone
