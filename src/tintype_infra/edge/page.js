// What a viewer asks of the page: a path that ends as a file's name does is a file; any other is one of
// the page's own, which its router knows, and the file behind all of those is the index. So the bucket's
// root, where S3 would list it, is never asked for.
function handler(event) {
  var request = event.request;
  if (!/\.[0-9A-Za-z]+$/.test(request.uri)) {
    request.uri = '/index.html';
  }
  return request;
}
