# Keep catalogue pages for everybody who has no basket yet.
sub vcl_recv {
    set req.backend_hint = shop.backend();

    if (req.url ~ "^/(basket|checkout|account)") {
        return (pass);
    }
    if (req.http.Cookie !~ "basket=") {
        unset req.http.Cookie;
    }
}

sub vcl_backend_response {
    if (bereq.url ~ "^/tea/") {
        set beresp.ttl = 10m;
    }
}
