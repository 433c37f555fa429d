sub vcl_recv {}
