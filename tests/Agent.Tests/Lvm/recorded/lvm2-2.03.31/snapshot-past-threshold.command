LC_ALL=C TZ=UTC lvcreate --config 'activation{thin_pool_autoextend_threshold=80}' -s -n x --addtag fleet --addtag fleet.policy=nightly --addtag fleet.run=1846a328cf9540b68137b0507d35680c tight/vol
