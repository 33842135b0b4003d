{{/* The service's settings, by the names that it documents. */}}
{{- define "backend.env" -}}
- name: PORT
  value: "8888"
- name: STORE
  value: dynamodb
{{- with .Values.dynamodb.endpoint }}
- name: DYNAMODB_ENDPOINT
  value: {{ . | quote }}
{{- end }}
- name: DYNAMODB_TABLE
  value: {{ .Values.dynamodb.table | quote }}
- name: AWS_REGION
  value: {{ .Values.dynamodb.region | quote }}
{{- if eq .Values.environment "local" }}
- name: AWS_ACCESS_KEY_ID
  value: fake
- name: AWS_SECRET_ACCESS_KEY
  value: fake
{{- end }}
- name: IDLE_TIMEOUT
  value: {{ add .Values.ingress.idleTimeoutSeconds 5 }}s
- name: DRAIN_DELAY
  value: {{ int .Values.drain.delaySeconds }}s
- name: DRAIN_TIMEOUT
  value: {{ int .Values.drain.timeoutSeconds }}s
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ include "backend.string" $value | quote }}
{{- end }}
{{- end -}}
