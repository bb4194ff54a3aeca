/**
 * A `docker run` whose container has the labels that version 2 of Compose gives. `more` comes
 * before the image.
 */
export function runAsComposeTwo(
  { project, service }: { readonly project: string; readonly service: string },
  { name, more, oneOff = false }: { name: string; more: string; oneOff?: boolean },
): string {
  const labels = {
    project,
    service,
    "container-number": "1",
    oneoff: oneOff ? "True" : "False",
    version: "2.32.4",
    "project.working_dir": `/${project}`,
    "project.config_files": `/${project}/docker-compose.yml`,
    "config-hash": "0".repeat(64),
    depends_on: "",
  };
  const given = Object.entries(labels).map(
    ([key, value]) => `--label com.docker.compose.${key}=${value}`,
  );
  return `docker run --name ${name} ${given.join(" ")} ${more}`;
}
