import { keepResourcesHere } from "../provider/resources/keeper";

keepResourcesHere();
