// Shows this service's description. A file of its own: the content security policy allows no
// inline script. Without a validator, for the usual one is asked over the internet.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  layout: "BaseLayout",
  deepLinking: true,
  validatorUrl: null,
  onComplete() {
    document.title = document.querySelector("#swagger-ui .info .title")?.firstChild?.data ?? "";
  },
});
