LC_ALL=C TZ=UTC lvremove -y --select lv_uuid=U8ssiG-tUH2-0h9Y-q4ht-uQUH-oCc9-RMClUG vg/removed
