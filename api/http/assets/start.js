// Nothing from other places: no validator badge, no address taken from the query.
window.addEventListener('load', () => {
  window.ui = SwaggerUIBundle({
    url: new URL('openapi.json', document.baseURI).href,
    dom_id: '#swagger-ui',
    deepLinking: true,
    docExpansion: 'list',
    tryItOutEnabled: true,
    persistAuthorization: true,
    queryConfigEnabled: false,
    validatorUrl: null,
  });
});
