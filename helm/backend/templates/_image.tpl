{{- define "backend.version" -}}
{{- .Values.image.tag | default .Chart.AppVersion -}}
{{- end -}}

{{/* `[repository/]name`. A repository that ends with the name already is the whole reference, as ECR shows it. */}}
{{- define "backend.imageName" -}}
{{- $repository := trimSuffix "/" .Values.image.repository -}}
{{- if not $repository -}}
{{- .Values.image.name -}}
{{- else if eq (base $repository) .Values.image.name -}}
{{- $repository -}}
{{- else -}}
{{- printf "%s/%s" $repository .Values.image.name -}}
{{- end -}}
{{- end -}}

{{- define "backend.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" (include "backend.imageName" .) .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" (include "backend.imageName" .) (include "backend.version" .) -}}
{{- end -}}
{{- end -}}
