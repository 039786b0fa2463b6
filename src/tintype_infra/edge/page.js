// Viewer requests of the page: a path with a file extension is a file; any other is a route of the page's
// router, which the index handles. So the bucket's root, where S3 would list it, is never requested.
function handler(event) {
  var request = event.request;
  if (!/\.[0-9A-Za-z]+$/.test(request.uri)) {
    request.uri = '/index.html';
  }
  return request;
}
