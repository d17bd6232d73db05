LC_ALL=C TZ=UTC zpool list -H -p -o name,guid,size,allocated,free,freeing,fragmentation,capacity,health,readonly nosuch
