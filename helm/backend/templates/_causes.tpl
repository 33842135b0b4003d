{{/* Alerts that name a cause, which the objectives don't tell, or tell late. */}}
{{- define "backend.rules.causes" -}}
{{- $source := include "backend.rules.source" . -}}
{{- $greetings := include "backend.rules.greetings" . -}}
{{- $few := .Values.objectives.minimumBadRequests -}}
- alert: BackendClientsLeaving
  expr: |-
    sum(rate(http_errors_total{ {{- $greetings }},status="499"}[5m]))
    / sum(rate(http_requests_total{ {{- $greetings -}} }[5m])) > 0.05
    and on () sum(increase(http_errors_total{ {{- $greetings }},status="499"}[5m])) >= {{ $few }}
  for: 5m
  labels:
    {{- include "backend.rules.labels" . | nindent 4 }}
    severity: warning
  annotations:
    summary: Clients leave before they are answered
    description: >-
      {{ "{{ $value | humanizePercentage }}" }} of the requests of the last five minutes were given up by their clients.
    {{ include "backend.rules.runbook" (list . "BackendClientsLeaving") }}
- alert: BackendStoreFailing
  expr: |-
    sum(rate(store_operation_duration_seconds_count{ {{- $source }},outcome=~"unavailable|failed"}[5m]))
    / sum(rate(store_operation_duration_seconds_count{ {{- $source -}} }[5m])) > 0.05
    and on () sum(increase(store_operation_duration_seconds_count{ {{- $source }},outcome=~"unavailable|failed"}[5m])) >= {{ $few }}
  for: 1m
  labels:
    {{- include "backend.rules.labels" . | nindent 4 }}
    severity: warning
  annotations:
    summary: The store fails
    description: >-
      {{ "{{ $value | humanizePercentage }}" }} of the calls of the store failed in the last five minutes.
    {{ include "backend.rules.runbook" (list . "BackendStoreFailing") }}
- alert: BackendShedding
  expr: |-
    sum(increase(http_requests_shed_total{ {{- $source -}} }[5m])) >= {{ $few }}
  for: 1m
  labels:
    {{- include "backend.rules.labels" . | nindent 4 }}
    severity: warning
  annotations:
    summary: Requests are refused because too many are being served
    description: >-
      {{ "{{ $value | humanize }}" }} requests of the last five minutes were answered 503 at a limit of their pod.
    {{ include "backend.rules.runbook" (list . "BackendShedding") }}
- alert: BackendPodDown
  expr: |-
    up{ {{- $source -}} } == 0
    and on () max(up{ {{- $source -}} }) == 1
  for: 5m
  labels:
    {{- include "backend.rules.labels" . | nindent 4 }}
    severity: warning
  annotations:
    summary: A pod of the backend does not answer
    description: >-
      Pod {{ "{{ $labels.pod }}" }} has answered no scrape for five minutes; others do.
    {{ include "backend.rules.runbook" (list . "BackendPodDown") }}
- alert: BackendDown
  expr: |-
    absent(up{ {{- $source -}} } == 1)
  for: 2m
  labels:
    {{- include "backend.rules.labels" . | nindent 4 }}
    severity: critical
  annotations:
    summary: No pod of the backend answers
    description: >-
      No pod of the backend in namespace {{ .Release.Namespace }} has answered a scrape for two minutes.
    {{ include "backend.rules.runbook" (list . "BackendDown") }}
{{- end -}}
