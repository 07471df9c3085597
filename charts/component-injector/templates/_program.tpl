{{/* The program's flags (docs/configuration.md). */}}
{{- define "ci.args" -}}
- --port={{ .Values.ports.webhook }}
- --healthz-port={{ .Values.ports.health }}
{{- if .Values.metrics.enabled }}
- --metrics-port={{ .Values.ports.metrics }}
{{- else }}
- --enable-metrics=false
{{- end }}
- --log-level={{ .Values.log.level }}
{{- if .Values.log.json }}
- --log-as-json
{{- end }}
- --scheduler-enabled={{ .Values.sidecar.scheduler }}
{{- if eq .Values.certificate.source "own" }}
- --serving-certificate=own
- --serving-key={{ .Values.certificate.key }}
{{- else }}
- --serving-certificate=files
- --tls-cert-file=/var/run/secrets/component-injector/tls/tls.crt
- --tls-private-key-file=/var/run/secrets/component-injector/tls/tls.key
{{- end }}
- --component-placement={{ .Values.components.placement }}
- --init-position={{ .Values.components.initPosition }}
- --component-wait={{ ternary "on" "off" .Values.components.wait.enabled }}
- --wait-timeout={{ .Values.components.wait.timeout }}
- --wait-cpu={{ .Values.components.wait.cpu }}
- --wait-memory={{ .Values.components.wait.memory }}
{{- with .Values.components.meshInitContainers }}
- --mesh-init-containers={{ join "," . }}
{{- end }}
- --component-freshness={{ .Values.components.freshness }}
- --component-validation={{ include "ci.componentValidation" . }}
- --status-annotation={{ include "ci.statusAnnotation" . }}
{{- with .Values.namespaces }}
- --namespaces={{ join "," . }}
{{- end }}
{{- with .Values.kubernetesVersion }}
- --kubernetes-version={{ . }}
{{- end }}
- --drain-time={{ .Values.drainSeconds }}s
- --max-body={{ .Values.limits.maxBody }}
- --max-connections={{ .Values.limits.maxConnections }}
- --max-inflight-bytes={{ .Values.limits.maxInflightBytes }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The variables that Dapr's chart gives its injector, and ours. */}}
{{- define "ci.env" -}}
- name: NAMESPACE
  value: {{ include "ci.controlPlaneNamespace" . | quote }}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: WEBHOOK_SERVICE_NAME
  value: {{ include "ci.fullname" . | quote }}
- name: WEBHOOK_CONFIGURATION_NAME
  value: {{ include "ci.fullname" . | quote }}
{{- if ne (include "ci.componentValidation" .) "off" }}
- name: VALIDATING_WEBHOOK_CONFIGURATION_NAME
  value: {{ include "ci.fullname" . | quote }}
{{- end }}
- name: DAPR_TRUST_ANCHORS_FILE
  value: /var/run/secrets/dapr.io/tls/ca.crt
- name: DAPR_CONTROL_PLANE_TRUST_DOMAIN
  value: {{ .Values.controlPlane.trustDomain | quote }}
- name: KUBE_CLUSTER_DOMAIN
  value: {{ .Values.controlPlane.clusterDomain | quote }}
- name: SIDECAR_IMAGE
  value: {{ .Values.sidecar.image | quote }}
- name: SIDECAR_IMAGE_PULL_POLICY
  value: {{ .Values.sidecar.pullPolicy | quote }}
- name: SIDECAR_RUN_AS_NON_ROOT
  value: {{ .Values.sidecar.runAsNonRoot | quote }}
- name: SIDECAR_READ_ONLY_ROOT_FILESYSTEM
  value: {{ .Values.sidecar.readOnlyRootFilesystem | quote }}
- name: SIDECAR_DROP_ALL_CAPABILITIES
  value: {{ .Values.sidecar.dropAllCapabilities | quote }}
{{- if not (kindIs "invalid" .Values.sidecar.runAsUser) }}
- name: SIDECAR_RUN_AS_USER
  value: {{ .Values.sidecar.runAsUser | int64 | quote }}
{{- end }}
{{- if not (kindIs "invalid" .Values.sidecar.runAsGroup) }}
- name: SIDECAR_RUN_AS_GROUP
  value: {{ .Values.sidecar.runAsGroup | int64 | quote }}
{{- end }}
- name: NATIVE_SIDECAR_ENABLED
  value: {{ .Values.sidecar.native | quote }}
- name: ENABLE_K8S_DOWNWARD_APIS
  value: {{ .Values.sidecar.downwardAPIs | quote }}
{{- with .Values.sidecar.ignoreEntrypointTolerations }}
- name: IGNORE_ENTRYPOINT_TOLERATIONS
  value: {{ toJson . | quote }}
{{- end }}
- name: ACTORS_ENABLED
  value: {{ .Values.sidecar.actors.enabled | quote }}
- name: ACTORS_SERVICE_NAME
  value: {{ .Values.sidecar.actors.serviceName | quote }}
- name: ACTORS_SERVICE_ADDRESS
  value: {{ .Values.sidecar.actors.serviceAddress | quote }}
{{- with .Values.sidecar.reminders.serviceName }}
- name: REMINDERS_SERVICE_NAME
  value: {{ . | quote }}
- name: REMINDERS_SERVICE_ADDRESS
  value: {{ $.Values.sidecar.reminders.serviceAddress | quote }}
{{- end }}
{{- with .Values.allowedServiceAccounts }}
- name: ALLOWED_SERVICE_ACCOUNTS
  value: {{ join "," . | quote }}
{{- end }}
- name: DAPR_COMPONENT_SOCKETS_FOLDER
  value: {{ .Values.components.socketsFolder | quote }}
- name: COMPONENT_WAIT_IMAGE
  value: {{ .Values.components.wait.image | default (include "ci.image" .) | quote }}
- name: COMPONENT_WAIT_IMAGE_PULL_POLICY
  value: {{ .Values.components.wait.pullPolicy | quote }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
