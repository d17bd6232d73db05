LC_ALL=C TZ=UTC lvcreate -s -n x --addtag 'a b' vg/vol
