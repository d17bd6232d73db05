LC_ALL=C rsync -d --list-only --no-human-readable --timeout=300 --contimeout=2 -- web1.example::data/nosuch/
