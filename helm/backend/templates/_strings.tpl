{{/* A value as text. A values file hands a large integer over as a float, which would print as 3.1536e+07. */}}
{{- define "backend.string" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}
{{- int64 . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{/*
One map of strings as YAML, from a list of maps, the earlier over the later: no key comes twice, and every value is
quoted where it has to be. Kubernetes takes nothing but strings in labels and annotations.
*/}}
{{- define "backend.mergedStrings" -}}
{{- $strings := dict -}}
{{- range $map := reverse . -}}
{{- range $key, $value := $map -}}
{{- $_ := set $strings $key (include "backend.string" $value) -}}
{{- end -}}
{{- end -}}
{{- if $strings -}}
{{- toYaml $strings -}}
{{- end -}}
{{- end -}}
