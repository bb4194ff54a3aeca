let itself = false;

/**
 * Who keeps Ferry's resources: in a Node program Pulumi's own process for dynamic resources, which
 * finds this library by the text in state; else this process itself, which a program in another
 * language has asked for its components (languages/). Said before any resource is loaded.
 */
export function keepResourcesHere(): void {
  itself = true;
}

export const keptHere = (): boolean => itself;
