LC_ALL=C TZ=UTC setpriv --reuid 65534 --regid 65534 --clear-groups lvcreate -s -n x --addtag fleet --addtag fleet.policy=nightly --addtag fleet.run=1846a328cf9540b68137b0507d35680c vg/vol
