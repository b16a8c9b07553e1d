// Swagger UI on /docs: a file of its own, since the page's policy allows no inline script.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", validatorUrl: null, deepLinking: true });
