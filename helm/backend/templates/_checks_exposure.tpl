{{/* Checks of the values that the Ingress and the HTTPRoute are made of. */}}
{{- define "backend.checks.exposure" -}}
{{- $problems := list -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- $problems = append $problems "httpRoute.enabled is true but httpRoute.parentRefs is empty: name the gateway that the route belongs to" -}}
{{- end -}}
{{- if eq .Values.ingress.controller "aws" -}}
{{- range $annotation, $attribute := include "backend.albAttributes" . | fromJson -}}
{{- range splitList "," (get $.Values.ingress.annotations $annotation | default "" | toString) -}}
{{- $pair := splitList "=" (trim .) -}}
{{- if and (eq (first $pair) $attribute.key) (ne (last $pair) (toString (int $attribute.value))) -}}
{{- $problems = append $problems (printf "ingress.annotations has %s, but the pods go by %s, which is %d: set that, and leave the attribute out" (trim .) $attribute.from (int $attribute.value)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}
